"""The readers behind `skecg.recordings.read_record`, one module for each format."""
