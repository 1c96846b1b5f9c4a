"""The colours of a page, light and dark: text has at least 4.5 : 1 against every surface it stands on."""

from typing import Final

LIGHT: Final[dict[str, str]] = {
    "bg": "#f4f6f8",
    "panel": "#ffffff",
    "raised": "#f9fbfc",
    "line": "#dbe1e7",
    "edge": "#7b8794",
    "ink": "#1a222b",
    "soft": "#56616d",
    "up": "#0b7a4b",
    "down": "#c62f2a",
    "buy": "#1d5bc7",
    "sell": "#b93d12",
    "warn": "#8a5a00",
    "warn-bg": "#fff6dd",
    "won1": "#d9efe4",
    "won2": "#b3dfca",
    "won3": "#86cbab",
    "won4": "#58b489",
    "lost1": "#fbe3e2",
    "lost2": "#f6c5c3",
    "lost3": "#eda19e",
    "lost4": "#e27c78",
    "cell-ink": "#1a222b",
}
DARK: Final[dict[str, str]] = {
    "bg": "#0f1419",
    "panel": "#161c23",
    "raised": "#1e2731",
    "line": "#27313c",
    "edge": "#66758a",
    "ink": "#e6ebf0",
    "soft": "#9fabb8",
    "up": "#3fb27f",
    "down": "#f2777a",
    "buy": "#6ea1ff",
    "sell": "#ff8f5e",
    "warn": "#f5b83d",
    "warn-bg": "#2a2415",
    "won1": "#173226",
    "won2": "#1b4632",
    "won3": "#205b40",
    "won4": "#26704e",
    "lost1": "#3a2023",
    "lost2": "#54272b",
    "lost3": "#6f2f34",
    "lost4": "#8a373d",
    "cell-ink": "#f4f7fa",
}


def style_rules() -> str:
    """Return the rules of the style sheet for colours: as the system or the reader wants; paper is light."""
    light, dark = _rule(LIGHT), _rule(DARK)
    return (
        f":root{{color-scheme:light;{light}}}"
        "@media screen and (prefers-color-scheme:dark)"
        f"{{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}"
    )


def _rule(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())
