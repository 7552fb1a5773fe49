package holder

const igbo = `
chukwuemeka emeka
chukwuebuka ebuka
chukwunonso nonso
chukwuka chuka
chukwudumebi dumebi chidumebi
chukwudi chukwudy
ikechukwu ike
ikemefuna ikem
obinna obina
kenechukwu kene kenechi
kelechi kelechukwu kele
uchechukwu uche
ugochukwu ugo
ugochinyere ugochi
onyekachi onyekachukwu kachi
onyinyechi onyinye onyinyechukwu
onyebuchi ebuchi
okechukwu okey
nnamdi namdi
nneka neka
ngozichukwu ngozi
nkechinyere nkechi
nkiruka nkiru
obiageli oby
obianuju uju
ogechukwu oge ogechi
oluchi oluchukwu
amarachi amara amarachukwu
chiamaka amaka
chibuzor chibuzo
chidiebere chidebere
chidinma chidimma dinma
chidubem dubem
chidozie dozie
chigozie gozie
chijioke chijoke
chikodi chikodili
chinaza naza chinazaekpere
chinedu nedu chinedum
chinelo nelo
chinenye nenye chinenyenwa
chinwendu chinwe
chinyere nyere
chioma chiomma
chisom chisomm
chizoba zoba
chetachukwu cheta chetachi
ebelechukwu ebele
ebubechukwu ebube
echezonachukwu echezona
ekenedilichukwu ekene
ezinne ezine
ifeanyichukwu ifeanyi
ifeoma ify
ijeoma ije
izuchukwu izu
kamsiyochukwu kamsi kamsiyochi kamsiyonna
kosisochukwu kosi kosiso kosisochi
lotachukwu lota
mmesoma mesoma mmesomachukwu
munachimso munachi muna munachiso
nnenna nenna
nonyelum nonye
odinakachukwu odinaka odinakachi
olisaemeka olisa
somtochukwu somto somtochi
sopuruchukwu sopuru
tochukwu tochi
tobechukwu tobe tobechi
uzochukwu uzo uzochi
zikorachukwu zikora
makuochukwu makuo makuochi
nzubechukwu nzube
arinzechukwu arinze
afamefuna afam
maduabuchi maduabuchukwu
nnaemeka naemeka
akachukwu akachi
adaeze adaez
ahamefula ahamefule ahamefuna
anuli anulika
chimdindu chimdi
chiagoziem agoziem
chibuike chibuikem
chikamso kamso
chimezie mezie
chinemerem nemerem
chukwudalu dalu
chukwujekwu jekwu chijekwu
chukwukere chukwukelu
chukwumaobim maobim
chukwuemerie emerie
dubemchukwu dubemchi
ejike ejikeme ejikemeuwa
ifunanya ifunanyachukwu
ikedichukwu ikedi
kaosisochukwu kaosiso
kaodilichukwu kaodili kaodi
kasiemobi kasie
nwachukwu nwachuku
nwabueze nwabuezeh
nwankwo nwankwor
nkemdilim nkemdi nkemdirim
ndubuisi ndubisi ndubuisy
obiajulu ajulu
okwudili okwudilichukwu
onyedikachi onyedika
onwuachi onwuachu
ozioma oziomachukwu
toochukwu toochi
uchenna uchennaya
udochukwu udo udochi
ugonna ugonnaya
ujunwa ujunwah
urenna urennaya
`
