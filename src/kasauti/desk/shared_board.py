"""The market as it stands, for all accounts of a desk."""

from kasauti.domain.board import Board


class SharedBoard(Board):
    """A board of which many engines only read. Whoever brings the market's data begins its days."""

    def clear(self) -> None:
        """Leave it as it is: that an account begins its day says nothing about the others."""

    def begin_day(self) -> None:
        """Begin a trading day: what stood yesterday says nothing about today."""
        super().clear()
