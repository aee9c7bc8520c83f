"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "category.added": "added a harm[: {slug}]",
    "category.edited": "changed a harm[: {slug}]",
    "guidance.written": "wrote what reviewers should know of a change",
    "guidance.acknowledged": "read what changed",
    "notice-text.edited": "changed texts of notices",
    "policy.created": "created the policy[ {title}]",
    "policy.drafted": "drafted a version of the policy",
    "policy.draft-discarded": "discarded the draft of a policy",
    "policy.published": "published the policy[ {title}][, version {number}]",
    "policy.retired": "retired the policy",
    "policy.revived": "took the policy back into use",
    "policy.withdrawn": "withdrew a version of the policy",
}
