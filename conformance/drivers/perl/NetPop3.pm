# The operations of POP3, each a call of Net::POP3. A sub returns false if the call failed.
package NetPop3;
use strict;
use warnings;
use MIME::Base64;

our %VERBS = (
    capa => \&capa,
    user => \&user,
    apop => sub { my ($pop, $value, %args) = @_; $pop->apop(@args{qw(user secret)}) },
    stls => sub { my ($pop) = @_; $pop->starttls or die "failed\n" },
    stat => \&stat_numbers,
    list => \&list,
    uidl => \&uidl,
    retr => sub { my ($pop, $value, %args) = @_; message($pop, $value, $pop->get($args{n}), %args) },
    top  => sub {
        my ($pop, $value, %args) = @_;
        message($pop, $value, $pop->top(@args{qw(n lines)}));
    },
    dele => sub { my ($pop, $value, %args) = @_; $pop->delete($args{n}) },
    rset => sub { my ($pop) = @_; $pop->reset; $pop->code == 200 },  # returns nothing for success
    quit => sub { my ($pop) = @_; $pop->quit; $pop->code == 200 },
);

sub capa {
    my ($pop, $value) = @_;
    my $found = $pop->capa or return;
    die "refused\n" if !$found->{CAPA} && $pop->code != 421;    # it asks AUTH for what it offers then
    $value->{caps} = [map { [uc, $found->{$_}] } grep { $_ ne 'CAPA' } keys %$found];
}

sub user {
    my ($pop, $value, %args) = @_;
    return $pop->user($args{user}) if !defined $args{secret};
    return $pop->login(@args{qw(user secret)});
}

sub stat_numbers {
    my ($pop, $value) = @_;
    my @numbers = $pop->popstat or return;
    @$value{qw(count octets)} = map { length > 15 ? "$_" : $_ + 0 } @numbers;
}

sub list {
    my ($pop, $value, %args) = @_;
    my $found = $pop->list($args{n} // ()) // return;
    $found = {$args{n} => $found} if !ref $found;
    $value->{items} = [map { [$_ + 0, "$found->{$_}"] } sort { $a <=> $b } keys %$found];
}

sub uidl {
    my ($pop, $value, %args) = @_;
    my $found = $pop->uidl($args{n} // ()) // return;
    $found = {$args{n} => $found} if !ref $found;
    $value->{items} = [map { [$_ + 0, $found->{$_}] } sort { $a <=> $b } keys %$found];
}

# Net::POP3 hands over lines with the line endings of this system, but those of the wire under TLS.
sub message {
    my ($pop, $value, $lines, %args) = @_;
    die "unsupported\n" if defined $args{fail_after};
    $lines or return;
    my $end = $pop->isa('IO::Socket::SSL') ? "\n" : "\r\n";
    $value->{data_b64} = encode_base64(join('', map { s/\n\z/$end/r } @$lines), '');
    return 1;
}

1;
