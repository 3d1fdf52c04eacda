"""Rules about captures: policies, retention, legal holds, standing rules, erasure and the scope of each."""
