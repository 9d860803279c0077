"""Hands out bundles to devices, and shows people what their displays show."""
