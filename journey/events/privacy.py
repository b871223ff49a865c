"""The door to all that hides people: codes for ids, personal data found and masked, 주민등록번호 removed."""

from __future__ import annotations

from journey.events.id_codes import mask_ids
from journey.events.masking import masked_frame, masked_raw, masked_texts
from journey.events.personal import Personal, personal
from journey.events.resident_numbers import without_number, without_rrn

__all__ = [
    "Personal",
    "mask_ids",
    "masked_frame",
    "masked_raw",
    "masked_texts",
    "personal",
    "without_number",
    "without_rrn",
]
