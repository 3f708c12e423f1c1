//! Partners, apps, credentials, plans and subscriptions, from registration to exit.
