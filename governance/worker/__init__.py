"""The worker process: claims requests from the queue, carries them out and runs the regular rounds."""
