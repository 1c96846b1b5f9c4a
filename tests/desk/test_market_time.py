"""Which market a desk plays, and what of a configuration it refuses to leave out without a word."""

from pathlib import Path

import pytest

from kasauti.config import load_config
from kasauti.desk.playing import DeskPlay
from kasauti.errors import ConfigError


@pytest.mark.parametrize("setting", ["feed.starts_at", "feed.ends_at"])
def test_a_day_that_is_to_be_cut_is_refused_in_words(tmp_path: Path, setting: str) -> None:
    loaded = load_config(None, {setting: "14:50"}, {})
    with pytest.raises(ConfigError, match=f"{setting} is 14:50, and a desk plays its days whole"):
        DeskPlay(loaded, tmp_path, 1)
