package holder

// Each line is one name: first the form that stands for all, then the short
// forms and spellings that registers, banks and operators have of it. A short
// form that belongs to several long ones is put to the most frequent or left
// out. No form may be on two lines; a test sees to it.
const yoruba = `
oluwaseun seun sheun oluwasheun
oluwatobi tobi oluwatobiloba tobiloba
oluwatosin tosin
oluwafemi femi olufemi
oluwadamilare damilare
oluwadamilola damilola
oluwakemi kemi
oluwatoyin toyin olutoyin
oluwabukola bukola bukky adebukola
oluwaseyi seyi sheyi oluseyi
olugbenga gbenga oluwagbenga
olusegun segun shegun oluwasegun
oluwole wole
olusola sola shola oluwasola oluwashola olushola
oluwatomisin tomisin
oluwapelumi pelumi
oluwanifemi nifemi
oluwadarasimi darasimi
oluwatimilehin timilehin timileyin oluwatimileyin
oluwabusayo busayo olubusayo
olubunmi bunmi oluwabunmi
olufunmilayo funmilayo funmi oluwafunmilayo
olufunke funke oluwafunke
oluwamayowa mayowa
oluwatoyosi toyosi
oluwabukunmi bukunmi
oluwaseunfunmi seunfunmi
oluwajuwon juwon
oluwasegunfunmi segunfunmi
oluwagbemiga gbemiga olugbemiga
oluwarotimi rotimi olurotimi aderotimi
oludare dare
olumuyiwa muyiwa oluwamuyiwa
olusanya sanya
oluwaremilekun remilekun
oluwakayode kayode olukayode
adebayo bayo
adewale wale
adekunle kunle
adetunji tunji
babatunde tunde
adebola bola
adebisi bisi
adenike nike
adeola deola
aderonke ronke
adetoun toun
adeyinka yinka
adeyemi yemi
adewunmi wunmi adewumi wumi
adegoke goke
adedayo dayo
adedeji deji
adesina sina adeshina shina
adejoke joke
adedoyin doyin
adeleke leke
ademola demola
adeniyi niyi
aderemi remi
adegboyega gboyega
adepeju peju
adesewa sewa
adesanmi sanmi
adegbite gbite
aderinsola rinsola derinsola
adebowale debowale
abosede bosede
abimbola bimbola
abiodun biodun
abayomi yomi
abiola biola
abisola bisola abishola
abolaji bolaji
abidemi bidemi
ayodele dele
ayokunnumi kunnumi
ayobami bami
ayoola yoola
titilayo titi
temitope tope
temitayo tayo
temiloluwa temi temilola
taiwo taiye taye
kehinde keinde kehind
folashade sade folasade shade
folorunsho folorunso
ibukunoluwa ibukun
iyabode iyabo
olajumoke jumoke
kolawole kola
olanrewaju lanre lanrewaju
olalekan lekan
oladipupo dipo oladipo ladipo
mojisola moji
modupe dupe modupeola modupeoluwa
morenike renike
motunrayo tunrayo
olabisi labisi
oladapo dapo
oladimeji dimeji ladimeji
olamide lamide
olaide laide
omolara lara
omowunmi omowumi
opeyemi ope
simisola simi
adetokunbo tokunbo olatokunbo tokunboh
tolulope tolu
toluwanimi toluwani
yetunde yetty
ifeoluwa ife
itunuoluwa itunu
inioluwa ini
jesutofunmi tofunmi
ireoluwa ire
gbemisola gbemi
boluwatife bolu
feyisayo feyi
fiyinfoluwa fiyin
iyanuoluwa iyanu
kikelomo kike
oyindamola oyinda oyin
oyinkansola oyinkan
sijuade siju
teniola teni
folakemi folake
foluke folukemi
monisola moni
mosunmola mosun
tinuola tinu
wuraola wura
sunkanmi sunkammi olasunkanmi
similoluwa similolu
anjolaoluwa anjola anjolajesu
araoluwa ara
eyitayo eyi
eniola eni
jadesola jade jadesimi
motunde motundey
mobolaji mobolaj
mopelola mope
olaitan laitan
rasheedat rashidat
sekinat sakinat sakina sakinah
taofeek taofiq tawfiq taufiq taofik taofeeq taufeeq toufiq
taoheed tawheed tauhid towheed
waheed wahid
wahab wahhab
wasiu waseeu
kazeem kazim
moshood mashood moshud mashhud
nojeem najim nojim najeem nojimu
mojeed majeed majid mojid
raufu rauf
rafiu rafeeu
sefiu shafiu safiu
mutiu mutiyu
sikiru shikiru
sulaimon sulaiman suleiman sulayman sulaymon suleman sule
kudirat qudrat kudrat kudiratu
mulikat mulkat
sidikat sadiqat sidiqat
sherifat sharifat
lateefat latifat latifah lateefah
rasaq razaq rasaki rasak razak
`
