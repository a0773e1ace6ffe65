"""How near predictions come to pianists: metrics, human agreement, a discriminator, reports."""
