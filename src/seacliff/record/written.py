"""Documents that people write in YAML: how they are read, and how they are put before people to be edited."""

from typing import Any

import yaml


class NotYaml(ValueError):
    """A `sentence` on what is wrong, and its `line`: from 1, 0 where the place isn't known. str() says both."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(f"{sentence.rstrip('.')} (line {line})." if line else sentence)
        self.sentence, self.line = sentence, line


def yaml_of(text: str) -> Any:
    """What the text says. Raises NotYaml, also for anchors: nobody needs them here, and bombs are made of them."""
    try:
        if any(isinstance(token, yaml.AliasToken | yaml.AnchorToken) for token in yaml.scan(text, yaml.SafeLoader)):
            raise ValueError(
                "Write it out: anchors (&) and aliases (*) are not read here. Put a text with & or * in quotes"
            )
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise NotYaml(f"This is not well-formed YAML: {error.problem}.", line) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: also a date that there is not
        raise NotYaml(f"This can't be read as YAML: {str(error).rstrip('.')}.") from None


def as_yaml(content: Any) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
