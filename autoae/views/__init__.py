"""How studies look: in the terminal, and as plotly figures. No view imports torch."""
