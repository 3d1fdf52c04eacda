"""Tessel, a made-up company of sixty people whose computer use trains three models. No real person is in it."""
