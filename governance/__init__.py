"""The self-service API: shows people what was captured about them; carries out their export and erasure requests."""
