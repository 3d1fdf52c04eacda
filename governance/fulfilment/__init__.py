"""Carrying requests out: erasure, export and standing rules, step by step, as durable workflows."""
