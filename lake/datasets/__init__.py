"""Dataset versions for training: creates, lists and exports them, for the purposes that policies allow."""
