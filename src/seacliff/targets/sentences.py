"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "product.added": "added the product[ {name}]",
    "product.changed": "changed the product[ {name}]",
    "product.targets-told": "told of the product's accounts",
}
