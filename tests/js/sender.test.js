import assert from "node:assert/strict";
import { test } from "node:test";

import { csrfHeaders } from "../../static/js/lib/csrf.js";
import { forget, keepTake, keptTakes } from "../../static/js/live/keeper.js";
import { sendTake } from "../../static/js/live/sender.js";

globalThis.document = { cookie: "a=b; csrftoken=secret%3D", querySelector: () => null, getElementById: () => null };

const PART = 10;
const ID = "0b0c0a4e-6a2f-4a3e-9f7e-1d8a3d3f2c11";
const DONE = { url: "/takes/7/" };
const track = Uint8Array.from({ length: 35 }, (_, at) => at).buffer;
const take = (more = {}) => ({ id: ID, takesUrl: "/takes/", slug: "a", offsetS: 0.25, kdt: track, clip: null, clipUrl: "/clip/", ...more });

const json = (body, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });
const refusal = (code, status = 400, headers = {}) => json({ error: { code, message: `said ${code}` } }, status, headers);

/** A server that keeps parts; `trouble(method, url, nth)` may answer, or throw, in its place. */
function server(trouble = () => null, received = new Map()) {
  const asked = [];
  const waits = [];
  let isDone = false;
  const send = async (url, { method, body, headers }) => {
    asked.push(`${method} ${url.replace(ID, "ID")}`);
    assert.equal(headers["X-CSRFToken"], "secret=");
    const instead = trouble(method, url, asked.length - 1);
    if (instead) return instead;
    if (method === "PUT") {
      received.set(Number(url.split("/").at(-2)), new Uint8Array(body));
      return new Response(null, { status: 204 });
    }
    if (url.endsWith("/done/")) {
      if (received.size < 4) return refusal("live_incomplete");
      isDone = true;
      return json(DONE);
    }
    assert.deepEqual(JSON.parse(body), { id: ID, offset_s: 0.25, size_bytes: 35 });
    return json({ id: ID, part_bytes: PART, received: [...received.keys()], ...(isDone ? DONE : {}) });
  };
  const wait = async (ms) => waits.push(ms);
  return { asked, waits, received, tools: { send, wait, random: () => 0.5 } };
}

const bytesOf = (received) => [...received].sort(([one], [other]) => one - other).flatMap(([, part]) => [...part]);

test("a take goes in parts, and arrives as it was", async () => {
  const { asked, received, tools } = server();
  const shares = [];
  assert.deepEqual(await sendTake(take(), { onProgress: (share) => shares.push(share) }, tools), DONE);
  assert.deepEqual(asked, ["POST /takes/", ...[0, 1, 2, 3].map((n) => `PUT /live/ID/parts/${n}/`), "POST /live/ID/done/"]);
  assert.deepEqual(bytesOf(received), [...new Uint8Array(track)]);
  assert.deepEqual(shares, [0, 0.25, 0.5, 0.75, 1]);
});

test("what has arrived is not sent again", async () => {
  const before = new Map([0, 3].map((n) => [n, new Uint8Array(track.slice(n * PART, (n + 1) * PART))]));
  const { asked, received, tools } = server(undefined, before);
  await sendTake(take(), {}, tools);
  assert.deepEqual(asked.slice(1, -1), ["PUT /live/ID/parts/1/", "PUT /live/ID/parts/2/"]);
  assert.deepEqual(bytesOf(received), [...new Uint8Array(track)]);
});

test("a take whose last answer was lost is not sent twice", async () => {
  const { asked, tools } = server();
  await sendTake(take(), {}, tools);
  assert.deepEqual(await sendTake(take(), {}, tools), DONE);
  assert.equal(asked.length, 7);
});

test("a lost connection and a busy server are waited for, longer each time", async () => {
  const troubles = { 2: () => { throw new TypeError("Load failed"); }, 3: () => json({}, 503), 4: () => new Response("<html>", { status: 502 }) };
  const { waits, tools } = server((_method, _url, nth) => troubles[nth]?.());
  assert.deepEqual(await sendTake(take(), {}, tools), DONE);
  assert.deepEqual(waits, [1000, 2000, 4000]);
});

test("who sends too much waits as long as the server says", async () => {
  const { waits, tools } = server((_method, _url, nth) => (nth === 0 ? refusal("throttled", 429, { "Retry-After": "30" }) : null));
  await sendTake(take(), {}, tools);
  assert.deepEqual(waits, [30_000]);
});

test("three takes being judged are waited for", async () => {
  let times = 0;
  const { tools } = server((_method, url) => (url.endsWith("/done/") && times++ < 2 ? refusal("too_many_open") : null));
  assert.deepEqual(await sendTake(take(), {}, tools), DONE);
  assert.equal(times, 3);
});

test("a server that forgot the parts is asked anew", async () => {
  const { asked, received, tools } = server((method, url, nth) => {
    if (nth !== 3) return null;
    received.clear();
    return refusal("not_found", 404);
  });
  assert.deepEqual(await sendTake(take(), {}, tools), DONE);
  assert.equal(asked.filter((one) => one === "POST /takes/").length, 2);
  assert.deepEqual(bytesOf(received), [...new Uint8Array(track)]);
});

test("what the server refuses for good ends with its words", async () => {
  const { asked, tools } = server((_method, url) => (url.endsWith("/done/") ? refusal("live_bad_rate") : null));
  await assert.rejects(sendTake(take(), {}, tools), { code: "live_bad_rate", sentence: "said live_bad_rate", isFinal: true });
  assert.equal(asked.length, 6);
});

test("nothing is lost where the net stays away or the dancer is signed out", async () => {
  const away = server(() => { throw new TypeError("Failed to fetch"); });
  await assert.rejects(sendTake(take(), {}, away.tools), { code: "offline", isFinal: false });
  assert.equal(away.asked.length, 6);
  const out = server(() => refusal("not_authenticated", 403));
  await assert.rejects(sendTake(take(), {}, out.tools), { code: "not_authenticated", isFinal: false });
  assert.equal(out.asked.length, 1);
});

test("sending stops when it is told to", async () => {
  const control = new AbortController();
  const { asked, tools } = server((_method, _url, nth) => nth === 2 && control.abort(new Error("left the page")));
  await assert.rejects(sendTake(take(), { signal: control.signal }, tools), /left the page/);
  assert.equal(asked.length, 3);
});

test("a clip goes once it may have arrived, and again only if it cannot have", async () => {
  const answers = [
    { status: 0, answer: null, wasSentWhole: false },
    { status: 503, answer: null, wasSentWhole: false },
    { status: 201, answer: DONE, wasSentWhole: true },
  ];
  const clip = new Blob(["film"], { type: "video/webm" });
  const tools = { upload: async () => answers.shift(), wait: async () => {}, random: () => 0.5 };
  assert.deepEqual(await sendTake(take({ clip }), {}, tools), DONE);
  answers.push({ status: 0, answer: null, wasSentWhole: true }, { status: 201, answer: DONE, wasSentWhole: true });
  await assert.rejects(sendTake(take({ clip }), {}, tools), { code: "offline", isFinal: false });
  assert.equal(answers.length, 1);
});

test("a browser that keeps nothing says so, and remembers while the page is open", async () => {
  const broken = { databases: { open: () => { throw new Error("private window"); } }, marks: () => { throw new Error("private window"); } };
  const page = (dancer) => ({ ...broken, page: { querySelector: () => ({ dataset: { dancer } }) } });
  const mine = { ...take(), danced_at: "2026-01-02T10:00:00Z" };
  assert.deepEqual(await keepTake(mine, page("7")), { isKept: false });
  await keepTake({ ...mine, id: "later", danced_at: "2026-01-02T11:00:00Z" }, page("7"));
  assert.deepEqual((await keptTakes(page("7"))).map(({ id }) => id), ["later", ID]);
  assert.deepEqual(await keptTakes(page("8")), []);
  await forget("later", page("7"));
  assert.deepEqual((await keptTakes(page("7"))).map(({ id }) => id), [ID]);
});

test("the token comes from the cookie, or from a form of the page", () => {
  const form = { cookie: "", querySelector: () => ({ value: "of the form" }) };
  assert.deepEqual(csrfHeaders(form), { "X-CSRFToken": "of the form" });
  assert.deepEqual(csrfHeaders({ cookie: "csrftoken=fresh", querySelector: form.querySelector }), { "X-CSRFToken": "fresh" });
  assert.deepEqual(csrfHeaders({ cookie: "", querySelector: () => null }), {});
});
