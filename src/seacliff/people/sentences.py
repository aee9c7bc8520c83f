"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "function.added": "added the function[ {name}]",
    "function.edited": "changed the function[ {name}]",
    "function.member-placed": "placed somebody in a function[: {name}]",
    "function.member-removed": "took somebody out of a function[: {name}]",
    "invitation.revoked": "revoked an invitation",
    "person.invited": "invited somebody",
    "person.joined": "joined",
    "person.edited": "changed what a person may do or is called",
    "person.deactivated": "closed an account",
    "person.reactivated": "opened an account again",
    "person.followed-groups": "followed the groups of the company's directory",
    "person.second-factor-reset": "reset a second factor",
    "person.sign-in-refused": "refused a sign-in",
    "person.signed-in": "signed in",
    "team.added": "added a team[: {name}]",
    "team.removed": "removed a team[: {name}]",
    "token.issued": "issued a token[: {name}]",
    "token.revoked": "revoked a token[: {name}]",
}
