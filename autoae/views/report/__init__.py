"""A study as a report: sections of text, tables, figures and pictures, written in three forms."""
