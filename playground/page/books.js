// The bot's books, as they stand in its database, and the stand-in Pika's queue.

import { dollars, make } from "./dom.js";
import { account, on, role, store } from "./store.js";

const ENDED = ["delivered", "notified", "completed"];
const BAD = ["failed", "cancelled"];

const time = (milliseconds) => new Date(milliseconds).toLocaleTimeString("en", { timeStyle: "medium" });
const nameOf = (id) => account(id)?.name ?? id;

function stateMark(state) {
  const kind = ENDED.includes(state) ? "good" : BAD.includes(state) ? "bad" : "busy";
  return make("span", { className: `mark ${kind}` }, state);
}

const sign = (amount) => (amount < 0 ? "−" : "+");

/** What one side of an entry says; nothing where it moves nothing. */
function amounts(clips, microUsd) {
  const count = Math.abs(clips);
  return [
    clips && `${sign(clips)}${count} ${count === 1 ? "clip" : "clips"}`,
    microUsd && `${sign(microUsd)}${dollars(Math.abs(microUsd))}`,
  ].filter(Boolean).join(" ");
}

/** The three sides: what the server pays, what counts against the member, what grants change. */
function sides(entry) {
  const server = amounts(entry.clips, entry.micro_usd);
  const member = amounts(entry.member_clips, entry.member_micro_usd);
  const grants = amounts(entry.grant_clips, entry.grant_micro_usd);
  if (server === member && !grants) return server || "±0";
  return [server && `server ${server}`, member && `member ${member}`, grants && `grants ${grants}`].filter(Boolean).join(" · ");
}

function ledgerRow(entry) {
  const by = entry.job_id ? "" : ` · ${nameOf(entry.member_id)} by ${nameOf(entry.actor_id)}`;
  return make("li", {}, make("span", { className: "kind" }, entry.kind), ` ${sides(entry)}${by}`, make("small", {}, ` ${time(entry.entered_at)}`));
}

function subjectName({ subject_kind: kind, subject_id: id }) {
  if (kind === "role") return `@${role(id)?.name ?? id}`;
  if (kind === "channel") return `#${store.state.channels.find((entry) => entry.id === id)?.name ?? id}`;
  return kind === "member" ? nameOf(id) : kind === "job" ? `job ${id}` : kind;
}

function auditRow(deed) {
  const after = deed.after_json && make("small", { className: "cut" }, ` ${deed.after_json}`);
  return make("li", {}, make("span", { className: "kind" }, deed.action), ` ${subjectName(deed)} · ${nameOf(deed.actor_id)}`, make("small", {}, ` ${time(deed.done_at)}`), after);
}

/** What moderators had to do with a job, in a few words. */
function marks(job) {
  return [
    job.needs_review && "seen by moderators first", job.may_be_billed && "may be billed all the same",
    job.cancelled_by && `cancelled by ${nameOf(job.cancelled_by)}`, job.removed_by && `removed by ${nameOf(job.removed_by)}`,
  ].filter(Boolean).join(" · ");
}

function jobCard(job, ledger) {
  const own = ledger.filter((entry) => entry.job_id === job.id).reverse();
  const failure = job.failure && make("p", { className: "problem" }, job.failure);
  return make("li", { className: "job" },
    make("p", {}, make("strong", {}, `Job ${job.id}`), " ", stateMark(job.state), ` ${nameOf(job.member_id)}`),
    make("p", { className: "hint" }, `${job.resolution} · ${job.duration} s · ${dollars(job.charge_micro_usd ?? job.price_micro_usd)} · attempts ${job.attempts} · ${time(job.created_at)}`),
    job.prompt && make("p", { className: "cut" }, job.prompt), failure,
    marks(job) && make("p", { className: "hint" }, marks(job)),
    make("ul", { className: "ledger" }, ...own.map(ledgerRow)));
}

function pikaRow(job) {
  const words = [job.seconds !== null && `${job.seconds} s`, job.status === "running" && `${job.percent} %`, job.charge_micro_usd > 0 && dollars(job.charge_micro_usd), job.error];
  return make("li", {}, stateMark(job.status), ` ${words.filter(Boolean).join(" · ")}`, make("small", { className: "cut" }, job.id));
}

/** @returns {{jobs: HTMLElement, audit: HTMLElement, pika: HTMLElement}} */
export function booksBoxes() {
  const jobs = make("div", {}, make("p", { className: "hint" }, "No job yet."));
  const audit = make("div", {});
  const pika = make("div", {}, make("p", { className: "hint" }, "No job yet."));
  let drawn = "";
  on("behind", ({ books, pika: queue }) => {
    const now = JSON.stringify([books, queue]);
    if (now === drawn) return;
    drawn = now;
    const loose = books.ledger.filter((entry) => !entry.job_id);
    jobs.replaceChildren(
      books.error ? make("p", { className: "problem" }, books.error) : "",
      make("ul", { className: "jobs" }, ...books.jobs.map((job) => jobCard(job, books.ledger))),
      books.jobs.length || books.error ? "" : make("p", { className: "hint" }, "No job yet."),
      loose.length ? make("ul", { className: "ledger" }, ...loose.map(ledgerRow)) : "");
    audit.replaceChildren(books.audit.length
      ? make("ul", { className: "ledger audit" }, ...books.audit.map(auditRow))
      : make("p", { className: "hint" }, "No deed of a moderator yet."));
    const balance = queue.balance_micro_usd === null ? "" : ` · ${dollars(queue.balance_micro_usd)} left`;
    pika.replaceChildren(
      make("p", { className: "hint" }, `Charged ${dollars(queue.charged_micro_usd)}${balance}`),
      make("ul", { className: "queue" }, ...queue.jobs.map(pikaRow)));
  });
  return { jobs, audit, pika };
}
