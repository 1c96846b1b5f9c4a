"""An alert's way, for machines and for people: each stage from received to filled, with its time."""

import html

import msgspec

from kasauti.domain.ist import NS_PER_MS, ist_iso
from kasauti.store.registry.alerts import Alert, Stage


class Step(msgspec.Struct, frozen=True):
    """One stage: when it was reached, and how many milliseconds after the alert came."""

    stage: str
    at: str
    after_ms: float


class AlertShown(msgspec.Struct, frozen=True, kw_only=True):
    """An alert and how far it came; `content` is what was sent, without the secret."""

    id: int
    status: Stage
    reason: str
    orders: list[str]
    steps: list[Step]
    content: str


def alert_shown(alert: Alert) -> AlertShown:
    """Return an alert for the wire."""
    reached = [
        ("received", alert.received_at),
        ("validated", alert.validated_at),
        ("risk", alert.risk_at),
        ("order", alert.order_at),
        (str(alert.status) if alert.ended_at else "filled", alert.filled_at or alert.ended_at),
    ]
    steps = [Step(stage, ist_iso(at), (at - alert.received_at) / NS_PER_MS) for stage, at in reached if at]
    return AlertShown(
        id=alert.id,
        status=alert.status,
        reason=alert.reason,
        orders=alert.order_id.split(",") if alert.order_id else [],
        steps=steps,
        content=alert.content.decode("utf-8", "replace"),
    )


def page_of(shown: AlertShown) -> str:
    """Return the same for people."""
    rows = "".join(
        f"<tr><td>{html.escape(step.stage)}<td>{step.at}<td>{step.after_ms:,.1f} ms</tr>"
        for step in shown.steps
    )
    reason = f"<p>{html.escape(shown.reason)}</p>" if shown.reason else ""
    orders = html.escape(", ".join(shown.orders)) or "none"
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Alert {shown.id}</title>
<meta name="viewport" content="width=device-width"><style>
body{{font:15px/1.5 system-ui;margin:2rem auto;max-width:44rem;padding:0 1rem}}
table{{border-collapse:collapse}}
td{{border-bottom:1px solid #ccc;padding:.3rem 1.2rem .3rem 0}}pre{{white-space:pre-wrap}}
</style></head><body><h1>Alert {shown.id}: {html.escape(shown.status)}</h1>{reason}
<table>{rows}</table><p>Orders: {orders}</p><pre>{html.escape(shown.content)}</pre></body></html>"""
