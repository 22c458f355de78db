// Drives a headless Chromium over the DevTools protocol by a pipe: no port, no network, no library.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const PROGRAM = PLACES.find(existsSync) ?? null;

export class Chromium {
    #profile = mkdtempSync(join(tmpdir(), "parmana-page-"));
    #waiting = new Map();
    #listeners = [];
    #number = 0;
    #session;
    #input = "";

    static async start() {
        const browser = new Chromium();
        await browser.#open();
        return browser;
    }

    constructor() {
        const options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--remote-debugging-pipe",
            `--user-data-dir=${this.#profile}`,
            "about:blank",
        ];
        this.process = spawn(PROGRAM, options, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
        this.process.stdio[4].on("data", (data) => this.#receive(data.toString("utf8")));
        this.process.on("exit", () =>
            this.#waiting.forEach(({ reject }) => reject(new Error("chromium ended"))),
        );
    }

    #receive(text) {
        const messages = (this.#input + text).split("\0");
        this.#input = messages.pop();
        for (const message of messages.map((one) => JSON.parse(one))) {
            const waiting = this.#waiting.get(message.id);
            this.#waiting.delete(message.id);
            if (waiting === undefined) this.#listeners.forEach((listener) => listener(message));
            else if (message.error) waiting.reject(new Error(JSON.stringify(message.error)));
            else waiting.resolve(message.result);
        }
    }

    #send(message) {
        const id = ++this.#number;
        this.process.stdio[3].write(`${JSON.stringify({ id, ...message })}\0`);
        return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    }

    async #open() {
        const { targetId } = await this.#send({
            method: "Target.createTarget",
            params: { url: "about:blank" },
        });
        const params = { targetId, flatten: true };
        this.#session = (await this.#send({ method: "Target.attachToTarget", params })).sessionId;
        for (const domain of ["Page", "DOM", "Runtime", "Network", "Log"]) await this.call(`${domain}.enable`);
    }

    /** One command of the protocol, to the page. */
    call(method, params = {}) {
        return this.#send({ method, params, sessionId: this.#session });
    }

    listen(listener) {
        this.#listeners.push(listener);
    }

    async goto(url) {
        const loaded = new Promise((resolve) =>
            this.listen((m) => m.method === "Page.loadEventFired" && resolve()),
        );
        await this.call("Page.navigate", { url });
        await loaded;
    }

    /** What an expression gives in the page. */
    async evaluate(expression) {
        const { result, exceptionDetails } = await this.call("Runtime.evaluate", {
            expression,
            returnByValue: true,
        });
        if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
        return result.value;
    }

    /** Gives files to a file input, as a person does. */
    async choose(selector, ...files) {
        const { root } = await this.call("DOM.getDocument");
        const { nodeId } = await this.call("DOM.querySelector", { nodeId: root.nodeId, selector });
        await this.call("DOM.setFileInputFiles", { nodeId, files });
    }

    async key(key, code, virtual) {
        const params = { key, code, windowsVirtualKeyCode: virtual };
        await this.call("Input.dispatchKeyEvent", { type: "keyDown", ...params });
        await this.call("Input.dispatchKeyEvent", { type: "keyUp", ...params });
    }

    async screenshot() {
        const { data } = await this.call("Page.captureScreenshot", { captureBeyondViewport: true });
        return Buffer.from(data, "base64");
    }

    async stop() {
        const ended = new Promise((resolve) => this.process.on("exit", resolve));
        await this.#send({ method: "Browser.close" }).catch(() => this.process.kill());
        await ended;
        rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
    }
}
