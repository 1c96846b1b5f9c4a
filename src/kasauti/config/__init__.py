"""Settings: typed, strict, and able to say where each value came from."""

from kasauti.config.loaded import Loaded, Setting
from kasauti.config.loading import load_config
from kasauti.config.sections import Config, StrategySection

__all__ = ["Config", "Loaded", "Setting", "StrategySection", "load_config"]
