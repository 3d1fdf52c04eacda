-- Every value of a file: decrypted, decompressed, decoded and hashed.
select count(*), bit_xor(hash(t)) from read_parquet($file, encryption_config = {footer_key_value: $key}) t
