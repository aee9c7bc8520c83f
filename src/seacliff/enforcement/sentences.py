"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "action.ordered": "ordered an action[: {kind}]",
    "action.cancelled": "cancelled an action[: {kind}]",
    "action.released": "let an action take effect[: {kind}]",
    "action.delivered": "told the product, which has taken it[: {kind}]",
    "action.failed": "gave up telling the product[: {kind}]",
    "action.reversed": "took an action back[: {kind}]",
    "delivery.replayed": "sent a message to a product again[: {endpoint}]",
    "endpoint.added": "added an endpoint of a product[: {name}]",
    "endpoint.changed": "changed an endpoint of a product[: {name}]",
    "endpoint.pinged": "tried an endpoint of a product",
    "endpoint.secret-rotated": "gave an endpoint a new secret",
    "notice.sent": "sent a notice to the {audience} side",
    "notice.failed": "could not send a notice to the {audience} side",
}
