-- Once, as a superuser:  psql -v owner_password=… -v app_password=… -f postgresql-roles.sql
-- The owner runs migrations and restores backups. The application connects as a role that can read and write
-- rows and nothing else; row-level security binds both.

create role servicekonto_owner login password :'owner_password'
    nosuperuser nobypassrls nocreatedb nocreaterole connection limit 10;
create role servicekonto_app login password :'app_password'
    nosuperuser nobypassrls nocreatedb nocreaterole;

create database servicekonto owner servicekonto_owner encoding 'UTF8' template template0;
revoke connect, temporary on database servicekonto from public;
grant connect on database servicekonto to servicekonto_app;

\connect servicekonto
revoke create on schema public from public;
grant usage, create on schema public to servicekonto_owner;
-- Rights on the tables: granted by flask --app wsgi db upgrade.
