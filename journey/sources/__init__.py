"""Bytes in, raw text table out: encoding, delimiter, workbook, limits."""
