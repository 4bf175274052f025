"""From a member's request to a job, an offer or a refusal."""
