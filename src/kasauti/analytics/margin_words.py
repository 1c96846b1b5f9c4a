"""How good the margins of futures and options are, in words."""

APPROXIMATE = "approximate (SPAN-lite, no risk file)"


def margin_label(risk_file: str) -> str:
    """Return the label of margins by `risk_file`; empty where none was in force."""
    return f"exact: risk arrays of {risk_file}" if risk_file else APPROXIMATE
