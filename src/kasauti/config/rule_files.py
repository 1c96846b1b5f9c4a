"""A user's own rule files, read as text: what is in them is the exchange package's business."""

from pathlib import Path

from kasauti.errors import ConfigError

#: Name and text of each file, by name.
RuleFiles = tuple[tuple[str, str], ...]


def read_rule_files(folder: str) -> RuleFiles:
    """Return the JSON files of `folder`; `ConfigError` if it is none, has none or one cannot be read."""
    path = Path(folder)
    if not path.is_dir():
        raise ConfigError(
            f"rules.overlay is {folder}, which is no folder; name one with rule files, or leave it out."
        )
    found = sorted(path.glob("*.json"))
    if not found:
        raise ConfigError(
            f"rules.overlay is {folder}, which has no .json file; put your rows into files named like"
            " Kasauti's, or leave it out."
        )
    return tuple((each.name, _text(each)) for each in found)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not text in UTF-8; save it as such.") from error
