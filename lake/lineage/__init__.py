"""Which captures went into which model: dataset versions, manifests, runs, model versions."""
