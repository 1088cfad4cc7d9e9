"""Plotly figures of studies, drawn once for every place that shows them."""
