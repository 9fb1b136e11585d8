"""Evaluation: metrics with intervals, the quality score, and reports."""
