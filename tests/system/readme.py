"""README.md and docs/*.md say what the programs do: every command in them is executed (tests/support/documents.py)."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from documents import Document  # noqa: E402

APART = parmana.ROOT / "docs/ceremony.md"  # ceremony.py
DOCUMENTS = [parmana.ROOT / "README.md", *sorted({*(parmana.ROOT / "docs").rglob("*.md")} - {APART})]


class Documents(Document):
    def test_every_command_prints_what_the_document_says(self):
        for document in DOCUMENTS:
            if "\n```console" not in document.read_text():
                continue
            with self.subTest(document=document.name):
                print(f"{document.relative_to(parmana.ROOT)}: {self.execute(document)} commands")

    def test_the_readme_is_one_of_them(self):
        self.assertGreaterEqual((parmana.ROOT / "README.md").read_text().count("\n```console"), 6)


if __name__ == "__main__":
    unittest.main(verbosity=2)
