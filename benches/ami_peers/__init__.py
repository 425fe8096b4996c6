"""The AMI clients that benches/ami.py compares, each driven through its own public interface."""
