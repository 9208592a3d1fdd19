// A client generated from docs/openapi.json, against a live node: every operation is called once, by the types that the
// document gives it. What TypeScript does not take is an error of the document, and so is an operation that was not called.
import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./api.js";

declare const process: { argv: string[]; exitCode: number };
declare const console: { log(text: string): void };

interface World {
    url: string;
    key: string;
    chain: string;
    address: string;
    tx: string;
    listed: string;
    clean: string;
    line: string;
}
const world: World = JSON.parse(process.argv[2] ?? "{}");

const called = new Set<string>();
const calls: Middleware = {
    onResponse({ request, response, schemaPath }) {
        called.add(`${request.method} ${schemaPath}`);
        // this world has no alert, no such case, no record and no pack that is cleared
        const missing = ["/v1/acts", "/v1/alerts/{id}", "/v1/holds/{id}/enforced", "/v1/registers/{kind}/{id}", "/v1/public-packs/{quarter}"];
        const none = missing.includes(schemaPath) && response.status === 404;
        if (response.status >= 400 && !none) throw new Error(`${request.method} ${schemaPath}: ${response.status}`);
    },
};
const client = createClient<paths>({ baseUrl: world.url, headers: { Authorization: `Bearer ${world.key}` } });
client.use(calls);

function got<T>(answer: { data?: T; error?: unknown }): T {
    if (answer.data === undefined) throw new Error(`no data: ${JSON.stringify(answer.error)}`);
    return answer.data;
}

function equal<T>(is: T, wanted: T, what: string): void {
    if (JSON.stringify(is) !== JSON.stringify(wanted))
        throw new Error(`${what}: ${JSON.stringify(is)}, wanted ${JSON.stringify(wanted)}`);
}

async function node(): Promise<void> {
    equal(got(await client.GET("/healthz")).status, "ok", "healthz");
    equal(got(await client.GET("/readyz")).ready, true, "readyz");
    const info = got(await client.GET("/v1/info"));
    equal(info.ledgers.map((l) => l.chain).sort(), ["bank:rcbc", world.chain], "chains");
    const metrics = got(await client.GET("/metrics", { parseAs: "text" }));
    if (!metrics.includes("cordon_decisions_total")) throw new Error("metrics");
    got(await client.GET("/openapi.json"));
}

async function ledgers(): Promise<void> {
    const block = got(await client.GET("/v1/block/{chain}/{block}", { params: { path: { chain: world.chain, block: "5" } } }));
    equal(block.chain, world.chain, "block");
    const tx = got(await client.GET("/v1/tx/{chain}/{tx}", { params: { path: { chain: world.chain, tx: world.tx } } }));
    equal(tx.chain, world.chain, "tx");
    const path = { chain: world.chain, address: world.address };
    const address = got(await client.GET("/v1/address/{chain}/{address}", { params: { path } }));
    equal(address.address, world.address, "address");
    equal(address.screening?.address, world.address, "screening of an address");
    const entity = got(await client.GET("/v1/entity/{chain}/{address}", { params: { path, query: { limit: 5 } } }));
    equal(entity.found.address, world.address, "entity");
    const tags = got(await client.GET("/v1/tags/{chain}/{address}", { params: { path } }));
    equal(tags.found.tags, [], "tags");
}

async function bank(): Promise<void> {
    const taken = got(
        await client.POST("/v1/bank/{name}/messages", {
            params: { path: { name: "rcbc" } },
            headers: { "Content-Type": "text/csv" },
            body: "time,from,to,amount,currency\n2016-02-04,1,2,5.00,EUR\n",
            bodySerializer: (body) => body as string,
        }),
    );
    equal([taken.chain, taken.payments, taken.added], ["bank:rcbc", 1, 1], "a payment");
}

async function screening(): Promise<void> {
    const header = { "Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324" };
    const answer = got(
        await client.POST("/v1/screen/address", { params: { header }, body: { address: world.listed, direction: "outbound" } }),
    );
    equal(answer.decision, "BLOCK", "a listed address");
    equal(answer.reasons.map((r) => r.category), ["sanctions"], "its reasons");
    const name = got(await client.POST("/v1/screen/name", { body: { name: "Chol Su Kim", kind: "person" } }));
    equal(name.decision, "REVIEW", "a listed name");
    const transfer = got(await client.POST("/v1/screen/transfer", { body: { tx: world.tx, chain: world.chain } }));
    equal([transfer.tx, transfer.chain], [world.tx, world.chain], "a transfer");
    const withdrawal = got(await client.POST("/v1/withdrawals/check", { body: { address: world.clean, chain: "ethereum" } }));
    equal(withdrawal.direction, "outbound", "a withdrawal");
    const batch = got(
        await client.POST("/v1/screen/batch", {
            params: { query: { direction: "outbound" } },
            headers: { "Content-Type": "text/csv" },
            body: `address,ref\n${world.listed},a\n${world.clean},b\n`,
            bodySerializer: (body) => body as string,
            parseAs: "text",
        }),
    );
    const lines: { ref: string }[] = (batch as unknown as string).trim().split("\n").map((line) => JSON.parse(line));
    equal(lines.map((l) => l.ref), ["a", "b"], "a batch");
    const lists = got(await client.GET("/v1/lists"));
    equal(lists.lists.map((l) => l.list), ["ofac-sdn"], "lists");
    const changes = got(await client.GET("/v1/screen/changes", { params: { query: { after: "0" } } }));
    equal([changes.changes, changes.more], [[], false], "changes");
    const alerts = got(await client.GET("/v1/alerts", { params: { query: { after: "0" } } }));
    equal([alerts.alerts, alerts.next], [[], null], "no alerts");
    const early = got(await client.GET("/v1/early-warnings", { params: { query: { above: "0" } } }));
    equal(early.warnings, [], "no early warnings");
    const holds = got(await client.GET("/v1/holds"));
    equal(holds.alerts, [], "no holds");
    const told = got(await client.POST("/v1/leads", { body: { chain: "ethereum", target: world.listed, action: "freeze", note: "seen" } }));
    equal(told.status, "new", "a lead");
    equal(got(await client.GET("/v1/leads/{id}", { params: { path: { id: told.id } } })).target, world.listed, "a lead as it is");
    equal(got(await client.GET("/v1/leads", { params: { query: { status: "new" } } })).leads.length, 1, "leads");
    const enforced = await client.POST("/v1/holds/{id}/enforced", { params: { path: { id: "00" } }, body: { amount: "90", partly: false } });
    equal(enforced.error?.status, 404, "no hold");
    const acted = await client.POST("/v1/acts", { body: { act: "case dispute", as: "inv", passphrase: "correct horse battery staple", object: "00", options: { note: "no" } } });
    equal(acted.error?.status, 404, "no case to dispute");
    const open = got(await client.GET("/v1/matches", { params: { query: { all: "true" } } }));
    equal(open.matches.every((m) => m.match > 0 && m.said.length === 0), true, "potential matches");
    const disposed = await client.POST("/v1/acts", { body: { act: "match dispose", as: "inv", passphrase: "correct horse battery staple", object: "4000000000", options: { verdict: "true", reason: "no" } } });
    equal(disposed.error?.status, 404, "no match to dispose of");
    const written = await client.POST("/v1/acts", { body: { act: "register withdraw", as: "inv", passphrase: "correct horse battery staple", object: "notice", options: { id: "00" } } });
    equal(written.error?.status, 404, "no notice to take back");
    equal(got(await client.GET("/v1/escalations")).waiting, [], "nothing waits");
    equal(got(await client.GET("/v1/notices", { params: { query: { after: 1000, limit: 10 } } })).notices, [], "nobody was told");
    const alert = await client.GET("/v1/alerts/{id}", { params: { path: { id: "00" } } });
    equal(alert.response.status, 404, "an alert that is none");
    const due = got(await client.GET("/v1/due", { params: { query: { all: "true" } } }));
    equal(due.due.map((d) => d.report).sort(), ["annual_holdings", "blocked_property"], "reports that are due");
}

async function transfers(): Promise<void> {
    const body = {
        ref: "w 1/2",
        direction: "outbound" as const,
        chain: "ethereum",
        asset: "ETH",
        amount: "1500000000000000000",
        decimals: 18,
        address: world.listed,
    };
    const made = got(await client.POST("/v1/transfers", { body }));
    equal(made.decision, "BLOCK", "a transfer");
    const again = got(
        await client.GET("/v1/transfers/{ref}", { params: { path: { ref: body.ref }, query: { again: true } } }),
    );
    equal([again.id, again.again?.decision], [made.id, "BLOCK"], "a transfer by its reference");
    const page = got(await client.GET("/v1/transfers", { params: { query: { decision: "BLOCK", limit: 10 } } }));
    equal(page.transfers.map((t) => t.transfer.ref), [body.ref], "transfers");
}

async function drop_ins(): Promise<void> {
    const sanctioned = got(await client.GET("/api/v1/address/{address}", { params: { path: { address: world.listed } } }));
    equal(sanctioned.identifications.length, 1, "identifications");
    const search = got(
        await client.GET("/v2/search", {
            params: { query: { name: "chol su kim", type: "person", cryptoAddress: [`ETH:${world.listed}`] } },
        }),
    );
    equal(search.entities.map((e) => e.sourceID), ["1", "3"], "Watchman's search");
    const match = got(
        await client.POST("/match/{dataset}", {
            params: { path: { dataset: "sanctions" }, query: { limit: 5 } },
            body: { queries: { q1: { schema: "Person", properties: { name: ["Chol Su Kim"], birthDate: "1960-01-08" } } } },
        }),
    );
    equal(match.responses["q1"]?.results.map((r) => r.id), ["ofac-sdn:1"], "OpenSanctions' matcher");
}

async function group(): Promise<void> {
    const log = got(await client.GET("/v1/log", { params: { query: { since: 2 } } }));
    equal(log.events.map((e) => e.to), ["reported"], "the log");
    const proof = got(await client.GET("/v1/log/{id}/proof", { params: { path: { id: log.events[0]!.id } }, parseAs: "text" }));
    const grown = got(
        await client.POST("/v1/log/growth", {
            headers: { "Content-Type": "text/plain" },
            body: proof,
            bodySerializer: (body) => body as string,
            parseAs: "text",
        }),
    );
    equal([proof.split("\n")[1], grown.split("\n")[0]], ["index 2", "old 3"], "proofs of the log");
    const members = got(await client.GET("/v1/members"));
    equal(members.members.map((m) => m.id), ["us"], "members");
    equal(got(await client.GET("/v1/times")).schema, "cordon.group-times/1", "times");
    const cases = got(await client.GET("/v1/cases", { params: { query: { state: "reported" } } }));
    const id = cases.cases[0]!.object;
    equal(got(await client.GET("/v1/cases/{id}", { params: { path: { id } } })).owner, "us", "a case");
    const records = got(await client.GET("/v1/registers/{kind}", { params: { path: { kind: "incident" }, query: { limit: 10 } } }));
    equal([records.kind, records.records.length, records.next], ["incident", 0, null], "a register");
    const none = await client.GET("/v1/registers/{kind}/{id}", { params: { path: { kind: "incident", id: "incident:00" } } });
    equal(none.response.status, 404, "a record");
    equal(got(await client.GET("/v1/claims", { params: { query: { year: 2022 } } })).claims, [], "claims of a year");
    equal(got(await client.GET("/v1/owed", { params: { query: { by: "2099-01-01" } } })).owed, [], "what is owed");
    const quarter = "2026Q4";
    const pack = got(await client.GET("/v1/packs/{quarter}", { params: { path: { quarter }, query: { for: "public", format: "json" } } }));
    equal(typeof pack === "string" ? "" : pack.quarter, quarter, "a pack");
    const cleared = await client.GET("/v1/public-packs/{quarter}", { params: { path: { quarter } } });
    equal(cleared.response.status, 404, "a pack for all");
    const taken = got(
        await client.POST("/v1/log", {
            headers: { "Content-Type": "application/x-ndjson" },
            body: `${world.line}\n`,
            bodySerializer: (body) => body as string,
        }),
    );
    equal([taken.taken, taken.known], [0, 1], "what is known already");
    const stop = new AbortController();
    const stream = got(await client.GET("/v1/stream", { params: { query: { since: 2 } }, parseAs: "stream", signal: stop.signal }));
    const first = await (stream as unknown as ReadableStream<Uint8Array>).getReader().read();
    if (!new TextDecoder().decode(first.value).startsWith("id: 3\nevent: case.report\n")) throw new Error("a stream");
    got(await client.GET("/v1/notices/stream", { params: { query: { after: 0 } }, parseAs: "stream", signal: stop.signal }));
    stop.abort();
}

for (const part of [node, ledgers, bank, screening, transfers, drop_ins, group]) await part();
console.log(JSON.stringify([...called].sort()));
