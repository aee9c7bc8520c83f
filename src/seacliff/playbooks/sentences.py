"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "playbook.drafted": "drafted a version of the playbook",
    "playbook.discarded": "discarded a draft of the playbook",
    "playbook.published": "published the playbook[, version {number}]",
    "playbook.retired": "retired the playbook",
    "playbook.brought-back": "brought the playbook back",
    "playbook.not-started": "could not start the playbook[ {playbook}]",
    "run.started": "started the playbook[ “{playbook}”]",
    "run.finished": "finished the playbook",
    "run.cancelled": "called the playbook's run off",
    "run.ended": "ended the playbook early",
    "run.led": "took the lead of the playbook's run",
    "run.note": "noted, for the step[ “{step}”]",
    "run.step-added": "added a step[: “{step}”]",
    "run.step-begun": "began the step[ “{step}”][, which is for {of}]",
    "run.step-done": "finished the step[ “{step}”][: {answer}]",
    "run.step-handed-over": "handed the step over[: “{step}”]",
    "run.step-put-off": "gave the step more time[: “{step}”]",
    "run.step-skipped": "skipped the step[ “{step}”]",
}
