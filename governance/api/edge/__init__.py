"""The edge of the API: what is decided before a route has a word.

bodies      how long a body may be, and how long it may take
admission   who asks is known before a body is read
middleware  addresses, headers, what every answer says
protocol    connections: how long a head may take, how many there are
"""
