"""Measuring: labelled data sets, metrics with intervals, and reports."""
