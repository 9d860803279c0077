"""Device only: the one place that imports machine, network and their like."""
