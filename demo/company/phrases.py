"""Tessel's sentence patterns and their fillers. All made up."""

from lake.safeguards import placeholder

CUSTOMERS = (
    "Harbour & Finch", "Ostrava Glass", "Kestrel Foods", "Nordwind Logistics", "Bellamy Tiles", "Cobalt Cycles",
    "Meridian Clinics", "Palisade Hotels", "Quarry Lane Bakery", "Saltmarsh Energy", "Tiller & Sons", "Umbra Optics",
)  # fmt: skip
PRODUCTS = ("floor panels", "desk lamps", "acoustic tiles", "door frames", "standing desks", "storage units")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
COLLEAGUES = ("Aiko", "Bruno", "Dana", "Emil", "Gina", "Henrik", "Lena", "Maja", "Oscar", "Petra")
AUTHORS = ("Anja Peeters", "Bram Claes", "Cora Willems", "Diego Santos", "Emma Novak", "Filip Janda")
"""Colleagues at other sites, who are not in the directory. They wrote half of what is in the archives."""

FILLERS = {
    "author": AUTHORS,
    "customer": CUSTOMERS,
    "product": PRODUCTS,
    "month": MONTHS,
    "colleague": COLLEAGUES,
    "number": tuple(str(number) for number in range(1042, 9800, 173)),
    "amount": tuple(f"{amount:,}.00" for amount in range(180, 24000, 613)),
    "count": tuple(str(count) for count in range(3, 61, 4)),
    "email": (placeholder("email_address"),),
    "phone": (placeholder("phone_number"),),
    "iban": (placeholder("iban"),),
    "card": (placeholder("card_number"),),
}

REDACTED = {"email": "email_address", "phone": "phone_number", "iban": "iban", "card": "card_number"}
"""Fillers for masked values, and the redaction each leaves."""

MESSAGES = (
    "Hi {colleague}, {customer} asks whether the {product} from order {number} can arrive before the end of {month}.",
    "Thanks, I have updated the sheet. The total for {customer} is now {amount}.",
    "Could you look at {number}? The customer says that {count} of the {product} were scratched.",
    "Lunch at half past twelve? {colleague} is coming too.",
    "The credit note for {customer} went out this morning, {amount} in all.",
    "I am in a call until three, will answer {customer} after that.",
    "Please send the signed copy to {email}, then we can close {number}.",
    "They can be reached at {phone} in the afternoon, ask for the warehouse.",
    "The forecast for {month} is in the shared folder, row {count} still needs a check.",
    "No objection from my side. Let us ship the {product} to {customer} on Monday.",
    "{colleague} found the mistake: invoice {number} was booked twice.",
    "Can somebody take the two o'clock with {customer}? I have the quarterly review.",
    "Refund goes to {iban}, please check it against the contract first.",
    "Good news, {customer} accepted the offer for {count} {product}.",
    "The page for order {number} has been slow since this morning. Is it the same for you?",
)

TICKETS = (
    "{customer} reports that {count} {product} of order {number} arrived damaged. Photos attached, replacement agreed.",
    "Customer wants the invoice {number} split by cost centre. Total stays {amount}.",
    "Delivery for {customer} moved to the second week of {month} at their request.",
    "Paid by card {card}, amount {amount}. Booking confirmed and receipt sent.",
    "Caller could not sign in to the portal. Reset sent to {email}, works again.",
    "Wrong colour of {product} delivered. Return label sent, {colleague} follows up.",
    "Partner price list for {month} shows the old discount. Corrected, partner informed.",
    "{customer} asks for a statement of open items since {month}. Sent as a sheet.",
)

TYPED = (
    "Dear team at {customer}, thank you for your patience",
    "order {number} {product} x {count}",
    "=SUM(C2:C{count})",
    "=VLOOKUP(A{count};Prices!A:D;4;FALSE)",
    "{amount}",
    "status call {customer} {month}",
    "replacement for {count} {product}, delivery in {month}",
    "we are sorry about the delay with order {number}",
    "{customer} open items {month}",
    "please confirm the quantity of {count}",
    "invoice {number} paid in full",
    "forward to {email}",
    "call back on {phone}",
    "IBAN {iban}",
    "kind regards",
    "checked against the contract, no difference",
)

TITLES = {
    "Excel": ("Forecast {month}.xlsx - Excel", "Open items {customer}.xlsx - Excel", "Price list {month}.xlsx - Excel"),
    "SAP": ("Post invoice {number}", "Vendor {customer}: line items", "Payment run {month}"),
    "Salesforce": ("{customer} | Account", "Opportunity {number} | {product}", "Order {number} | {customer}"),
    "Zendesk": ("Ticket #{number} - {customer}", "Views - Unassigned", "Ticket #{number} - {product}"),
    "Chrome": ("{customer} - order portal", "Tessel intranet - {month} news", "Shipment {number} - tracking"),
    "Outlook": ("Inbox - Outlook", "RE: order {number} - {customer} - Message", "Calendar - Outlook"),
    "Slack": ("#orders - Slack", "#claims - Slack", "{colleague} - Slack"),
    "Jira": ("TES-{number} - Jira", "Board - Jira"),
    "Word": ("Letter to {customer}.docx - Word", "Minutes {month}.docx - Word"),
    "Desktop": ("Desktop",),
}

ELEMENTS = {
    "Excel": ("Cell B{count}", "Cell F{count}", "Save", "Filter", "Sheet {month}"),
    "SAP": ("Post", "Amount", "Vendor", "Cost centre", "Document date", "Check"),
    "Salesforce": ("Save", "Edit", "Stage", "Close date", "Related: {customer}"),
    "Zendesk": ("Submit as solved", "Reply", "Assignee", "Priority", "Ticket #{number}"),
    "Chrome": ("Search", "Next page", "Shipment {number}", "Open", "Back"),
    "Outlook": ("Send", "Reply", "Archive", "Message from {customer}", "New event"),
    "Word": ("Save", "Heading 1", "Insert table"),
}

OPTIONS = {
    "SAP": ("Cost centre: 4100", "Cost centre: 4300", "Payment terms: 30 days", "Tax code: V1"),
    "Salesforce": ("Stage: Negotiation", "Stage: Closed won", "Stage: Proposal", "Region: North"),
    "Zendesk": ("Priority: High", "Priority: Normal", "Type: Incident", "Status: Pending"),
}

FIELDS = {
    "SAP": (("Amount", "{amount}"), ("Reference", "{number}"), ("Text", "{customer} {month}")),
    "Salesforce": (("Quantity", "{count}"), ("Next step", "Call {colleague}"), ("Amount", "{amount}")),
    "Zendesk": (("Subject", "{product} for {customer}"), ("Order", "{number}"), ("Requester", "{email}")),
}

PAGES = (
    "https://portal.tessel.example/orders/{number}", "https://intranet.tessel.example/news",
    "https://portal.tessel.example/search?q={product}", "https://tracking.example/shipments/{number}",
    "https://intranet.tessel.example/wiki/returns",
)  # fmt: skip
