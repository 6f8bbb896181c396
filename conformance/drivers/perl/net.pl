#!/usr/bin/env perl
# The driver of Perl's own clients, Net::POP3 and Net::SMTP: an operation is one call of theirs. It
# adds nothing to them and mends nothing. Both have the same status for a refusal, for a reply that
# they cannot read and, but for its text, for the end of the stream; it is `failed` where they
# cannot tell.
use strict;
use warnings;
use Authen::SASL;
use Digest::HMAC_MD5;
use FindBin;
use IO::Socket::SSL;
use JSON::PP;
use MIME::Base64;
use Net::POP3;
use Net::SMTP;
use lib $FindBin::Bin;
use NetPop3;
use NetSmtp;

$| = 1;
$SIG{PIPE} = 'IGNORE';
# Net::SMTP warns before it leaves out a parameter that the server does not offer; whoever wants the
# parameter stops there. What else the libraries warn of, their caller sees by the status.
$SIG{__WARN__} = sub { die "policy\n" if $_[0] =~ /not supported by host/ };
my $json = JSON::PP->new->utf8->canonical;
my @features = (
    qw(steps ipv6 tls.implicit tls.starttls client-cert),
    qw(pop3 pop3.user pop3.user-alone pop3.apop pop3.capa pop3.list pop3.uidl pop3.top pop3.dele
        pop3.rset smtp smtp.rset smtp.vrfy smtp.expn smtp.help smtp.multi-rcpt smtp.multi-mail
        smtp.pieces smtp.8bitmime smtp.dsn smtp.mail-auth),
    map { ("pop3.auth.$_", "smtp.auth.$_") } qw(plain login cram-md5 external anonymous),
);
my %verbs = (pop3 => \%NetPop3::VERBS, smtp => \%NetSmtp::VERBS);
my %class = (pop3 => 'Net::POP3', smtp => 'Net::SMTP');
my %session;

# The outcome of a call that failed, from the status and the text that the session tells.
sub outcome_of_failure {
    my ($protocol, $code, $text, $value) = @_;
    return 'timeout'  if $text =~ /^\[Net::.*\] Timeout$/;
    return 'io-error' if $text =~ /^\[Net::.*\] Connection closed$/;
    return 'failed'   if $protocol eq 'pop3' || $text eq '' || $code !~ /^[45]/;
    $value->{code} = $code + 0;
    return 'refused';
}

# The arguments of a request as octets; the names of those that were there.
sub arguments {
    my ($row) = @_;
    my %args;
    for my $name (grep { !/^(?:seq|op)$/ && defined $row->{$_} } keys %$row) {
        my $value = $row->{$name};
        if ($name =~ s/_b64$//) {
            $value = ref $value ? [map { decode_base64($_) } @$value] : decode_base64($value);
        } else {
            utf8::encode($_) for ref $value eq 'ARRAY' ? @$value : $value;
        }
        $args{$name} = $value;
    }
    return %args;
}

my %connects = map { $_ => 1 }
    qw(host port tls policy ca client_cert client_key timeout_ms deadline_ms name);

sub connected {
    my ($protocol, $value, %args) = @_;
    # Neither library has a policy of its own: its caller sees to it by the order of the calls.
    die "unsupported\n" if grep { !$connects{$_} } keys %args;
    my @more = (SSL => ($args{tls} // 'none') eq 'implicit', SendHello => 0);
    push @more, SSL_ca_file => $args{ca} if defined $args{ca};
    push @more, SSL_cert_file => $args{client_cert}, SSL_key_file => $args{client_key}
        if defined $args{client_cert};
    my @where = (Host => $args{host}, Port => $args{port}, Timeout => $args{timeout_ms} / 1000);
    delete $session{$protocol};
    undef $@;
    $session{$protocol} = $class{$protocol}->new(@where, @more);
    if (!$session{$protocol}) {
        my ($code, $text) = ($@ // '') =~ /^Net::SMTP\S*: (\d{3}) (.*)/;    # it tells of the greeting
        die outcome_of_failure($protocol, $code // 0, $text // '', $value), "\n";
    }
    my ($banner) = $session{$protocol}->banner =~ /(<.*>)/;
    $value->{timestamp_b64} = encode_base64($banner, '') if $protocol eq 'pop3' && defined $banner;
}

# An object of Authen::SASL for the mechanisms of the caller, or for all that the server offers.
sub sasl {
    my (%args) = @_;
    my $mech = $args{mech} // (@{$args{mechs}} == 1 ? $args{mechs}[0] : die "unsupported\n");
    my %callback = (user => $args{user}, authname => $args{authzid} // '', pass => $args{secret});
    $callback{authname} = $args{user} if $mech eq 'ANONYMOUS';
    $callback{user} = $args{authzid} // '' if $mech eq 'EXTERNAL';
    return Authen::SASL->new(mechanism => $mech eq 'own' ? '' : $mech, callback => \%callback);
}

sub logged_in {
    my ($session, $value, %args) = @_;
    die "unsupported\n" if grep { !/^(?:mech|mechs|user|secret|authzid)$/ } keys %args;
    my $sasl = sasl(%args);
    my $mech = $sasl->mechanism;
    $session->auth($sasl) or return;
    $value->{mech} = $mech if length $mech;
    return 1;
}

sub answer {
    my ($row) = @_;
    my ($protocol, $verb) = split /\./, $row->{op} // '.';
    my %args = arguments($row);
    my $value = {};
    my $session = $session{$protocol};
    my $does = ($verbs{$protocol} // {})->{$verb};
    return 'unsupported' if !$does && $verb !~ /^(?:connect|close|auth)$/;
    my $done = eval {
        if ($verb eq 'connect') { connected($protocol, $value, %args) }
        elsif ($verb eq 'close') { $session->close if $session; delete $session{$protocol} }
        elsif (!$session) { die "rejected-locally\n" }
        elsif ($verb eq 'auth') { logged_in($session, $value, %args) or die "no\n" }
        else { $does->($session, $value, %args) or die "no\n" }
        1;
    };
    return ('ok', $value) if $done;
    return ($1, $value) if $@ =~ /^([a-z-]{3,})\n\z/;
    return ('failed', $value) if $@ ne "no\n";    # the library died
    return (outcome_of_failure($protocol, $session->code, $session->message // '', $value), $value);
}

while (my $line = <STDIN>) {
    my $row = $json->decode($line);
    my $command = $row->{cmd} // '';
    last if $command eq 'bye';
    my $reply = {name => 'perl', version => "Perl $^V, libnet $Net::SMTP::VERSION", features => \@features};
    if (!$command) {
        my ($outcome, $value) = answer($row);
        $reply = {seq => $row->{seq}, outcome => $outcome, value => $value};
    }
    print $json->encode($reply), "\n";
}
delete @session{qw(pop3 smtp)};
