// The bot's books, as they stand in its database, and the stand-in Pika's queue.

import { dollars, make } from "./dom.js";
import { account, on } from "./store.js";

const ENDED = ["delivered", "told", "completed"];
const BAD = ["refused", "cancelled", "failed"];

const time = (milliseconds) => new Date(milliseconds).toLocaleTimeString("en", { timeStyle: "medium" });
const nameOf = (id) => account(id)?.name ?? id;

function stateMark(state) {
  const kind = ENDED.includes(state) ? "good" : BAD.includes(state) ? "bad" : "busy";
  return make("span", { className: `mark ${kind}` }, state);
}

const signed = (amount, words) => (amount > 0 ? `+${words}` : words);

function ledgerRow(entry) {
  const clips = entry.clips ? `${signed(entry.clips, entry.clips)} clip` : "";
  const money = `${entry.micro_usd < 0 ? "−" : "+"}${dollars(Math.abs(entry.micro_usd))}`;
  const by = entry.job_id ? "" : ` · ${nameOf(entry.member_id)} by ${nameOf(entry.actor_id)}`;
  return make("li", {}, make("span", { className: "kind" }, entry.kind), ` ${clips} ${money}${by}`, make("small", {}, ` ${time(entry.entered_at)}`));
}

function jobCard(job, ledger) {
  const own = ledger.filter((entry) => entry.job_id === job.id).reverse();
  const failure = job.failure && make("p", { className: "problem" }, job.failure);
  return make("li", { className: "job" },
    make("p", {}, make("strong", {}, `Job ${job.id}`), " ", stateMark(job.state), ` ${nameOf(job.member_id)}`),
    make("p", { className: "hint" }, `${job.resolution} · ${job.duration} s · ${dollars(job.charge_micro_usd ?? job.price_micro_usd)} · attempts ${job.attempts} · ${time(job.created_at)}`),
    job.prompt && make("p", { className: "cut" }, job.prompt), failure,
    make("ul", { className: "ledger" }, ...own.map(ledgerRow)));
}

function pikaRow(job) {
  const words = [job.seconds !== null && `${job.seconds} s`, job.status === "running" && `${job.percent} %`, job.charge_micro_usd > 0 && dollars(job.charge_micro_usd), job.error];
  return make("li", {}, stateMark(job.status), ` ${words.filter(Boolean).join(" · ")}`, make("small", { className: "cut" }, job.id));
}

/** @returns {{jobs: HTMLElement, pika: HTMLElement}} */
export function booksBoxes() {
  const jobs = make("div", {}, make("p", { className: "hint" }, "No job yet."));
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
    const balance = queue.balance_micro_usd === null ? "" : ` · ${dollars(queue.balance_micro_usd)} left`;
    pika.replaceChildren(
      make("p", { className: "hint" }, `Charged ${dollars(queue.charged_micro_usd)}${balance}`),
      make("ul", { className: "queue" }, ...queue.jobs.map(pikaRow)));
  });
  return { jobs, pika };
}
