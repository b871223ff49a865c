"""Answers and charts leave the house: tables and pictures as files."""
