"""The concepts that everything else uses: states, scopes, reasons, times. Imports no framework."""
