"""The jobs of the stand-in by their ids and keys, and the prepaid balance behind them."""

from playground.pika.jobs.behaviour import Behaviour
from playground.pika.jobs.counters import Counters
from playground.pika.jobs.files import Files
from playground.pika.jobs.job import Job, Order
from playground.pika.jobs.render_pool import RenderPool
from playground.pika.video.renderer import ClipOrder


class IdempotencyConflictError(Exception):
    """The key was used before, with another body or for a job that was erased since."""


class Jobs:
    """All jobs by id, also refused and erased ones, and the prepaid balance behind them."""

    def __init__(
        self, behaviour: Behaviour, counters: Counters, files: Files, render_pool: RenderPool
    ) -> None:
        self.by_id: dict[str, Job] = {}
        self._behaviour = behaviour
        self._files = files
        self._render_pool = render_pool
        self._counters = counters
        self._by_key: dict[str, Job] = {}
        self._by_video: dict[str, Job] = {}
        self._prepaid: int | None = None

    @property
    def counters(self) -> Counters:
        """The counters, with every job looked at now."""
        self._look_at_all()
        return self._counters

    @property
    def balance_micro_usd(self) -> int | None:
        """The prepaid rest: what was set last, less what was charged since; None for no limit."""
        if self._prepaid is None:
            return None
        return self._prepaid - self.counters.charged_micro_usd

    @balance_micro_usd.setter
    def balance_micro_usd(self, amount: int | None) -> None:
        charged = self.counters.charged_micro_usd
        self._prepaid = None if amount is None else amount + charged

    def find(self, job_id: str) -> Job | None:
        """The job that a client may see under this id."""
        job = self.by_id.get(job_id)
        return None if job is None or job.erased else job

    def of_video(self, name: str) -> Job | None:
        """The completed job whose video has this file name, unless it was erased."""
        job = self._by_video.get(name)
        return None if job is None or job.erased or job.status != "completed" else job

    def replayed(self, key: str | None, model: str, sent: bytes) -> Job | None:
        """The job that this key was used for before, if any; raises IdempotencyConflictError."""
        job = self._by_key.get(key) if key is not None else None
        if job is None:
            return None
        if (job.model, job.order.sent) != (model, sent) or job.erased:
            raise IdempotencyConflictError
        self._counters.replays += 1
        return job

    def release(self, job: Job) -> None:
        """Let the idempotency key of the job be used again."""
        if job.key is not None:
            self._by_key.pop(job.key, None)

    def position(self, job: Job) -> int:
        """How many jobs are before this queued one: ours, and the others that behaviour tells."""
        ours = [one for one in self.by_id.values() if one.status == "queued"]
        before = sum(one.began < job.began for one in ours)
        return before + self._behaviour.queue_ahead

    def refusal(self, price_micro_usd: int) -> str | None:
        """The code with which a submit at this price would be refused now, if any."""
        return self._behaviour.refuse_at_submit or self._lacks(price_micro_usd)

    def submit(self, order: Order) -> Job:
        """Accept the order as a new job, or refuse it as the behaviour or the balance demands."""
        job = self._new(order)
        refusal = self.refusal(job.price_micro_usd)
        if refusal:
            job.refuse(refusal)
            self._counters.refused += 1
        else:
            self._counters.paid_submits += 1
            if job.outcome == "completed" and order.clip and order.render_input:
                work = (order.clip, order.render_input.preparations, job.result, job.video)
                job.making = self._render_pool.submit(*work)
        self.by_id[job.id] = self._by_video[job.video.name] = job
        if order.key is not None:
            self._by_key[order.key] = job
        return job

    def _new(self, order: Order) -> Job:
        behaviour = self._behaviour
        charge = behaviour.charge_micro_usd
        return Job(
            order=order,
            behaviour=behaviour,
            counters=self._counters,
            outcome=self._outcome(order.clip),
            result=behaviour.result,
            output_shape=behaviour.output_shape,
            price_micro_usd=order.price_micro_usd if charge is None else charge,
            video=self._files.video_path(),
        )

    def _outcome(self, clip: ClipOrder | None) -> str:
        if clip is None:
            return "invalid_input"
        if any(word in clip.prompt.lower() for word in self._behaviour.moderate_words):
            return "content_moderation"
        return self._behaviour.outcome

    def _lacks(self, price_micro_usd: int) -> str | None:
        if self._prepaid is None:
            return None
        self._look_at_all()
        promised = sum(
            job.price_micro_usd
            for job in self.by_id.values()
            if job.status in ("queued", "running")
        )
        free = self._prepaid - self._counters.charged_micro_usd - promised
        return "insufficient_balance" if free < price_micro_usd else None

    def _look_at_all(self) -> None:
        for job in self.by_id.values():
            _ = job.status
