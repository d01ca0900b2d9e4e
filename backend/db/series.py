"""UUIDv7s in a row, for rows that are made in sets: one drawn by chance, its last 48 bits a counter."""

from uuid import UUID

from backend.db.types import new_id


class Series:
    """Ids that share one moment and one draw of chance and end in a number of the caller's (below 2^48)."""

    def __init__(self) -> None:
        self.first = new_id()

    def sql(self, number: str) -> str:
        """The SQL expression of the id that ends in a number, itself an SQL expression."""
        return f"('{str(self.first)[:24]}' || lpad(to_hex({number}), 12, '0'))::uuid"

    def at(self, number: int) -> UUID:
        return UUID(bytes=self.first.bytes[:10] + number.to_bytes(6, "big"))
