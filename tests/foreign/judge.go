// Go's own verifiers of notes and logs as judges (golang.org/x/mod/sumdb/note and tlog).
//
// Each line of stdin is a case as JSON, each line of stdout what they say: {"accepted", "why"}. What is ours here
// is the reading of two C2SP formats that these packages do not know: the time of a cosignature, and tlog-proof.
package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// request is one case.
type request struct {
	Kind    string   // note, proof or log
	Log     string   // the verifier key of the log
	Cosign  []string // verifier keys of cosigners, type 0x04
	Lines   int      // how many signatures of all these keys there must be
	Note    string
	Older   string // of a log: an earlier head
	Proof   string // a tlog-proof
	Payload []byte // the statement that the proof is about
	Source  string // directory of a log
}

// cosigner verifies cosignature/v1: a time, then the signature over a header with that time and the text.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	header := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(c.key, append([]byte(header), text...), signature[8:])
}

// newCosigner reads a verifier key of type 0x04, which note.NewVerifier does not know.
func newCosigner(key string) (note.Verifier, error) {
	parts := strings.SplitN(key, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed verifier key")
	}
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(typed) != 1+ed25519.PublicKeySize || typed[0] != 0x04 {
		return nil, errors.New("not a key of a cosigner")
	}
	sum := sha256.Sum256([]byte(parts[0] + "\n" + string(typed)))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("the key does not have its hash")
	}
	return cosigner{parts[0], hash, typed[1:]}, nil
}

func (r request) open(text string) (tlog.Tree, error) {
	none := tlog.Tree{}
	log, err := note.NewVerifier(r.Log)
	if err != nil {
		return none, err
	}
	verifiers := []note.Verifier{log}
	for _, key := range r.Cosign {
		verifier, err := newCosigner(key)
		if err != nil {
			return none, err
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifiers...))
	if err != nil {
		return none, err
	}
	if len(opened.Sigs) != r.Lines {
		return none, fmt.Errorf("%d signatures by known keys, not %d", len(opened.Sigs), r.Lines)
	}
	return parseHead(opened.Text, log.Name())
}

// parseHead reads the three lines of a checkpoint.
func parseHead(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != origin {
		return tlog.Tree{}, errors.New("not a checkpoint of this origin")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// checkProof verifies a tlog-proof, and that its leaf is about the payload.
func (r request) checkProof() error {
	start, checkpoint, found := strings.Cut(r.Proof, "\n\n")
	lines := strings.Split(start, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" ||
		!strings.HasPrefix(lines[1], "extra ") || !strings.HasPrefix(lines[2], "index ") {
		return errors.New("not a tlog-proof")
	}
	leaf, err := base64.StdEncoding.Strict().DecodeString(lines[1][len("extra "):])
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(lines[2][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	proof := tlog.RecordProof{}
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := r.open(checkpoint)
	if err != nil {
		return err
	}
	if index < 0 || index >= tree.N {
		return errors.New("the index is outside of the tree")
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaf)); err != nil {
		return err
	}
	sum := sha256.Sum256(r.Payload)
	if !strings.Contains(string(leaf), `"digest":"`+base64.StdEncoding.EncodeToString(sum[:])+`"`) {
		return errors.New("the leaf is about another statement")
	}
	return nil
}

func (r request) judge() error {
	switch r.Kind {
	case "note":
		_, err := r.open(r.Note)
		return err
	case "proof":
		return r.checkProof()
	case "log":
		return r.checkLog()
	}
	return fmt.Errorf("unknown kind %q", r.Kind)
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		var one request
		err := json.Unmarshal(in.Bytes(), &one)
		if err == nil {
			err = one.judge()
		}
		why := ""
		if err != nil {
			why = err.Error()
		}
		answer, _ := json.Marshal(map[string]any{"accepted": err == nil, "why": why})
		fmt.Println(string(answer))
	}
}
