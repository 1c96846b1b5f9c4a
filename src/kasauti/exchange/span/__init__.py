"""Portfolio margins as clearing houses reckon them (SPAN): from a risk file, or approximated without one."""
