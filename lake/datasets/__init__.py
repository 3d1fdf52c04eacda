"""Dataset versions for training: made, listed and exported, for the purposes that policies allow."""
