-- Every record that mentions the person is looked through again: their name may be another than it was.
delete from indirect_captures where subject = $subject and role = 'masked'
